export type { NewMail } from "./FakeAccount";
export { FakeMail } from "./FakeMail";
export { accountId, fakeSession } from "./session";
