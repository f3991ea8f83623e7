export { currentCsrfToken, onSignedOut } from "./client";
export { api } from "./generated/operations";
export type { components } from "./generated/schema";
export type { AnswerOf, InputOf, Operation } from "./operation";
export { ApiProblem, asProblem, type FieldProblem, problemFrom } from "./problem";
