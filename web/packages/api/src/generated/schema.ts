// biome-ignore lint/suspicious/noExplicitAny: no document, no types.
export type components = any;
