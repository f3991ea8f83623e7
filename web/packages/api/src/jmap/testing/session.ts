import type { JmapSession } from "../types";

/** The account of every fake. */
export const accountId = "acc_1";

export const fakeSession: JmapSession = {
  capabilities: {
    "urn:ietf:params:jmap:core": {
      maxSizeUpload: 50_000_000,
      maxConcurrentUpload: 4,
      maxSizeRequest: 10_000_000,
      maxConcurrentRequests: 8,
      maxCallsInRequest: 32,
      maxObjectsInGet: 1000,
      maxObjectsInSet: 1000,
    },
    "urn:ietf:params:jmap:mail": {},
    "urn:ietf:params:jmap:submission": {},
  },
  accounts: {
    [accountId]: {
      name: "renxi2@example.test",
      isPersonal: true,
      isReadOnly: false,
      accountCapabilities: { "urn:ietf:params:jmap:submission": { maxDelayedSend: 31_622_400 } },
    },
  },
  primaryAccounts: {
    "urn:ietf:params:jmap:core": accountId,
    "urn:ietf:params:jmap:mail": accountId,
    "urn:ietf:params:jmap:submission": accountId,
  },
  username: "renxi2@example.test",
  apiUrl: "/jmap",
  downloadUrl: "/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
  uploadUrl: "/jmap/upload/{accountId}/",
  eventSourceUrl: "/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
  state: "1",
};
