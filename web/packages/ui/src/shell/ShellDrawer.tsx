import { Drawer } from "antd";
import type { ReactNode } from "react";

interface ShellDrawerProps {
  open: boolean;
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** The navigation of narrow screens. */
export default function ShellDrawer({ open, title, onClose, children }: ShellDrawerProps) {
  return (
    <Drawer placement="left" open={open} onClose={onClose} size={272} title={title} styles={{ body: { padding: 8 } }}>
      {children}
    </Drawer>
  );
}
