export { accountId, FakeMail, fakeSession, type NewMail } from "./FakeMail";
