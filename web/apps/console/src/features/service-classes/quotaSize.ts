/** A quota as people write it. */
export interface Size {
  amount: number | null;
  unit: "MB" | "GB" | "TB" | "unlimited";
}

const bytesOf = { MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const;

/** Null is unlimited, as for the server. */
export function toBytes(size: Size): number | null {
  return size.unit === "unlimited" ? null : Math.round((size.amount ?? 0) * bytesOf[size.unit]);
}

/** In the largest unit that needs no fraction. */
export function fromBytes(bytes: number | null): Size {
  if (bytes === null) return { amount: null, unit: "unlimited" };
  for (const unit of ["TB", "GB"] as const) {
    if (bytes > 0 && bytes % bytesOf[unit] === 0) return { amount: bytes / bytesOf[unit], unit };
  }
  return { amount: bytes / bytesOf.MB, unit: "MB" };
}
