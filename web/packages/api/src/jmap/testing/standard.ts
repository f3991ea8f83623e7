import type { Args, FakeAccount } from "./FakeAccount";
import { accountId } from "./session";

/** Any `/get` (RFC 8620 §5.1). */
export function get(account: FakeAccount, all: readonly object[], args: Args) {
  const ids = args.ids as string[] | null | undefined;
  const properties = args.properties as string[] | null | undefined;
  const list = (all as { id: string }[]).filter(({ id }) => ids == null || ids.includes(id));
  return {
    accountId,
    state: String(account.state),
    list: list.map((one) =>
      properties == null
        ? one
        : Object.fromEntries(Object.entries(one).filter(([key]) => key === "id" || properties.includes(key))),
    ),
    notFound: (ids ?? []).filter((id) => !list.some((one) => one.id === id)),
  };
}

/** Any `/changes`: says that nothing is known of what changed. */
export function changes(account: FakeAccount, args: Args) {
  return {
    accountId,
    oldState: args.sinceState,
    newState: String(account.state),
    hasMoreChanges: false,
    created: [],
    updated: [],
    destroyed: [],
  };
}
