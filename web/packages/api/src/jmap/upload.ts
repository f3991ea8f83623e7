import { currentCsrfToken, reportSignedOut } from "../client";
import { ApiProblem } from "../problem";
import type { JmapClient } from "./client";
import { requestProblem } from "./problem";

export interface Uploaded {
  blobId: string;
  type: string;
  size: number;
}

/** Uploads bytes (RFC 8620 §6.1) and tells how far it has come, from 0 to 1. `signal` gives it up. */
export function upload(
  client: JmapClient,
  file: Blob,
  { onProgress, signal }: { onProgress?: (part: number) => void; signal?: AbortSignal } = {},
): Promise<Uploaded> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", client.uploadUrl);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    const token = currentCsrfToken();
    if (token !== null) request.setRequestHeader("X-CSRF-Token", token);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      const answer = request.response as Uploaded | null;
      if (request.status >= 200 && request.status < 300 && answer?.blobId) {
        done(answer);
        return;
      }
      const problem = requestProblem(request.status, answer, request.getResponseHeader("x-request-id"));
      reportSignedOut(problem);
      failed(problem);
    };
    request.onerror = () => failed(new ApiProblem({ code: "network_unreachable", status: 0 }));
    request.onabort = () => failed(new DOMException("given up", "AbortError"));
    if (signal?.aborted) {
      request.onabort(new ProgressEvent("abort"));
      return;
    }
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
