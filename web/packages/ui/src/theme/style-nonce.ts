/** The nonce of this page's style policy; undefined where there is no policy, as in tests. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce || undefined;

// The design system hands the nonce on to most styles it makes, but not to those that measure and lock scrolling (dialogues, drawers).
// Only code of ours that runs already can create an element this way, so the policy keeps its worth.
if (nonce !== undefined) {
  const createElement = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = createElement(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
