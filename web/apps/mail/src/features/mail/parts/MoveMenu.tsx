import { Dropdown } from "antd";
import { cloneElement, lazy, type ReactElement, Suspense, useState } from "react";

const FolderChoice = lazy(() => import("./FolderChoice"));

interface MoveMenuProps {
  /** The folder the mails are in. */
  except: string | null;
  onChoose: (mailboxId: string) => void;
  children: ReactElement<{ "aria-haspopup"?: "dialog" }>;
}

/** Asks for a folder to move to: by a click, or by typing a part of its name. */
export function MoveMenu({ except, onChoose, children }: MoveMenuProps) {
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      open={open}
      onOpenChange={(next, { source }) => {
        if (source === "trigger") setOpen(next);
      }}
      destroyOnHidden
      popupRender={() => (
        <Suspense>
          <FolderChoice
            except={except}
            onChoose={(id) => {
              setOpen(false);
              onChoose(id);
            }}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    >
      {cloneElement(children, { "aria-haspopup": "dialog" })}
    </Dropdown>
  );
}
