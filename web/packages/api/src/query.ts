import {
  infiniteQueryOptions,
  QueryClient,
  type QueryKey,
  queryOptions,
  type UseMutationOptions,
  useMutation,
} from "@tanstack/react-query";
import type { Operation } from "./operation";
import type { ApiProblem } from "./problem";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiProblem;
  }
}

/** A client for pages whose data the server announces: nothing polls, nothing is tried again that was refused. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        refetchOnWindowFocus: true,
        retry: (failures, problem) => failures < 2 && (problem.status === 0 || problem.status >= 502),
      },
      mutations: { retry: false },
    },
  });
}

type Sender = (input: unknown, options: { signal?: AbortSignal }) => Promise<unknown>;

/** Query options of an operation: `useSuspenseQuery(q(api.listMembers, { query: { search } }))`. Its key is `[id, input]`. */
export function q<I, A>(operation: Operation<I, A>, input?: I) {
  return queryOptions<A, ApiProblem>({
    queryKey: keyOf(operation, input),
    queryFn: ({ signal }) => (operation as unknown as Sender)(input ?? {}, { signal }) as Promise<A>,
  });
}

/** Query options of a list that is read a page at a time: `useInfiniteQuery(pages(api.listMembers, { query }))`. */
export function pages<I extends { query?: object }, A extends { next?: string | null }>(
  operation: Operation<I, A>,
  input: I,
) {
  return infiniteQueryOptions<A, ApiProblem, { pages: A[] }, QueryKey, string | undefined>({
    queryKey: [...keyOf(operation, input), "pages"],
    queryFn: ({ signal, pageParam }) =>
      (operation as unknown as Sender)(
        { ...input, query: { ...input.query, ...(pageParam === undefined ? {} : { cursor: pageParam }) } },
        { signal },
      ) as Promise<A>,
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

/** For `invalidateQueries({ queryKey: keyOf(api.listMembers) })`: without input it means every call of the operation. */
export function keyOf<I, A>(operation: Operation<I, A>, input?: I): QueryKey {
  return input === undefined ? [operation.id] : [operation.id, input];
}

/** A mutation that sends the operation: `useApiMutation(api.approveJoinRequest, { onSuccess })`. */
export function useApiMutation<I, A>(
  operation: Operation<I, A>,
  options: Omit<UseMutationOptions<A, ApiProblem, I>, "mutationFn"> = {},
) {
  return useMutation<A, ApiProblem, I>({
    ...options,
    mutationFn: (input) => (operation as unknown as Sender)(input, {}) as Promise<A>,
  });
}
