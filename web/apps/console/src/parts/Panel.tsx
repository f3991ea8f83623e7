import type { ReactNode } from "react";

/** What stands in a popover: named, so that those who do not see it know where they are. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="dialog" aria-label={title}>
      <strong className="panel-title">{title}</strong>
      {children}
    </div>
  );
}
