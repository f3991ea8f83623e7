import { FolderPane } from "../features/mail/folders/FolderPane";

/** The folders in the drawer of narrow screens. */
export default function FolderDrawer({ current, onChosen }: { current: string; onChosen: () => void }) {
  return <FolderPane current={current} onChosen={onChosen} />;
}
