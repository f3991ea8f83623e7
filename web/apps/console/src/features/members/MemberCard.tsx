import { phoneText } from "../../parts/phoneText";
import { StateTag } from "../../parts/StateTag";
import type { MemberRow } from "../../server/types";
import { mainPost } from "./memberColumns";

/** A member where there is no room for columns. */
export function MemberCard({ row }: { row: MemberRow }) {
  const post = mainPost(row);
  return (
    <>
      <div className="card-top">
        <strong>{row.name}</strong>
        <StateTag state={row.state} />
      </div>
      <div className="card-line">{[post?.path.at(-1), post?.position].filter(Boolean).join(" · ")}</div>
      <div className="card-line">{[row.account_name, phoneText(row.mobile)].filter(Boolean).join(" · ")}</div>
    </>
  );
}
