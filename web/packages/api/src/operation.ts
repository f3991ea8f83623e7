import { call } from "./client";

type Method = "get" | "post" | "put" | "patch" | "delete";

type JsonOf<C> = C extends { "application/json": infer T }
  ? T
  : C extends { "multipart/form-data": unknown }
    ? FormData
    : never;
type SuccessOf<R> = {
  [S in keyof R]: S extends 200 | 201 | 202
    ? R[S] extends { content: infer C }
      ? C extends { "application/json": infer T }
        ? T
        : Blob
      : undefined
    : S extends 204
      ? undefined
      : never;
}[keyof R];

type Part<O, K extends string> = O extends { parameters: { [P in K]?: infer T } }
  ? [T] extends [never | undefined]
    ? unknown
    : undefined extends T
      ? { [P in K]?: T }
      : Record<never, never> extends T
        ? { [P in K]?: T }
        : { [P in K]: T }
  : unknown;
type BodyPart<O> = O extends { requestBody: { content: infer C } }
  ? { body: JsonOf<C> }
  : O extends { requestBody?: { content: infer C } }
    ? [C] extends [never]
      ? unknown
      : { body?: JsonOf<C> }
    : unknown;

/** What a call of the operation says: `path` and `query` parameters and the `body`, as far as it has them. */
export type InputOf<O> = Part<O, "path"> & Part<O, "query"> & BodyPart<O>;
export type AnswerOf<O> = O extends { responses: infer R } ? SuccessOf<R> : never;

interface RawInput {
  path?: unknown;
  query?: unknown;
  body?: unknown;
}

/** One operation of the API. Calling it sends it; its `id` is the first part of the query key. */
export interface Operation<I, A> {
  // Operations without parameters can be called with nothing at all.
  (
    ...input: Record<never, never> extends I
      ? [input?: I, options?: { signal?: AbortSignal }]
      : [input: I, options?: { signal?: AbortSignal }]
  ): Promise<A>;
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  /** The address of the operation, for links and downloads. */
  url(input?: RawInput): string;
}

export function operation<O>(id: string, method: Method, path: string, parseAs: "json" | "blob" = "json") {
  const send = (input: RawInput = {}, options: { signal?: AbortSignal } = {}) =>
    call(method, path, { params: { path: input.path, query: input.query }, body: input.body }, { ...options, parseAs });
  return Object.assign(send, {
    id,
    method,
    path,
    url: (input: RawInput = {}) => addressOf(path, input),
  }) as unknown as Operation<InputOf<O>, AnswerOf<O>>;
}

function addressOf(path: string, input: RawInput): string {
  const filled = Object.entries((input.path ?? {}) as Record<string, unknown>).reduce(
    (address, [name, value]) => address.replace(`{${name}}`, encodeURIComponent(String(value))),
    path,
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, String(one));
    }
  }
  const text = query.toString();
  return text === "" ? filled : `${filled}?${text}`;
}
