import { describe, expect, it, vi } from "vitest";
import type { Job } from "../server/types";
import { makeInvalidator, staleOperations, withJob } from "./live";

describe("live events", () => {
  it("asks anew once for many changes of one breath", () => {
    const invalidateQueries = vi.fn(async () => {});
    let run = () => {};
    const invalidate = makeInvalidator({ invalidateQueries }, (next) => {
      run = next;
    });
    invalidate(["listMembers"]);
    invalidate(["listMembers", "getOverview"]);
    expect(invalidateQueries).not.toHaveBeenCalled();
    run();
    expect(
      invalidateQueries.mock.calls.map(([filter]: unknown[]) => (filter as { queryKey: string[] }).queryKey),
    ).toEqual([["listMembers"], ["getOverview"]]);
  });

  it("asks everything anew when something may have been missed", () => {
    const invalidateQueries = vi.fn(async () => {});
    let run = () => {};
    const invalidate = makeInvalidator({ invalidateQueries }, (next) => {
      run = next;
    });
    invalidate(["listMembers"]);
    invalidate(staleOperations("all"));
    run();
    expect(invalidateQueries).toHaveBeenCalledExactlyOnceWith();
  });

  it("counts departments anew when members change", () => {
    expect(staleOperations("members")).toContain("listDepartments");
  });

  it("asks for the queue alone when mail leaves", () => {
    expect(staleOperations("queue")).toEqual(["listQueueMessages", "getQueueMessage"]);
  });

  it("puts a new job first and a known one in its place", () => {
    const job = (id: string, state: Job["state"]) => ({ id, state }) as Job;
    expect(withJob([job("a", "done")], job("b", "running")).map((one) => one.id)).toEqual(["b", "a"]);
    expect(withJob([job("b", "running"), job("a", "done")], job("b", "done"))).toEqual([
      job("b", "done"),
      job("a", "done"),
    ]);
  });
});
