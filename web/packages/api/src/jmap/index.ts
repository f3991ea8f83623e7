export { Batch, type Call } from "./batch";
export { exchange, fetchJmapSession, JmapClient } from "./client";
export { listenForChanges, statesIn } from "./events";
export { fetchMailboxes, type KnownMailboxes, merged, refreshMailboxes } from "./mailboxes";
export { methodProblem, setProblem } from "./problem";
export * from "./types";
export { type Uploaded, upload } from "./upload";
export { expand, onOwnOrigin } from "./urls";
