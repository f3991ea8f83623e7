const key = "yanshu.organisation";

/** The organisation code remembered on this device. */
export function rememberedCode(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function rememberCode(code: string | null) {
  try {
    if (code === null) localStorage.removeItem(key);
    else localStorage.setItem(key, code);
  } catch {
    // Without storage the code is asked for again next time.
  }
}
