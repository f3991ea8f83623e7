import { PageHeader } from "@yanshu/ui";
import type { ReactNode } from "react";
import "./parts.css";

interface PageFrameProps {
  title: string;
  help?: ReactNode;
  trail?: ReactNode;
  actions?: ReactNode;
  /** The page is as high as the window and its parts scroll; otherwise it is as long as it needs to be. */
  fill?: boolean;
  /** Read as text rather than as a table: kept to a readable width. */
  narrow?: boolean;
  children: ReactNode;
}

/** The frame every page stands in: its name, what can be done here, and the page itself. */
export function PageFrame({ title, help, trail, actions, fill, narrow, children }: PageFrameProps) {
  return (
    <div className={`page${fill === true ? " page-fill" : ""}${narrow === true ? " page-narrow" : ""}`}>
      <PageHeader title={title} detail={help} trail={trail} actions={actions} />
      {children}
    </div>
  );
}
