import { Button } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Told } from "../../../parts/Failed";
import { useNotices } from "../../../parts/useNotices";
import { api } from "../../../server";
import type { Member } from "../../../server/types";
import { useMay } from "../../../session/session";
import type { DepartmentIndex } from "../departmentIndex";
import { type PostDraft, PostsEditor, postsToSend } from "../PostsEditor";
import { useMemberChanged } from "../useMemberChanged";

interface DepartmentsTabProps {
  member: Member;
  index: DepartmentIndex;
  onDirty: (dirty: boolean) => void;
}

/** Where the member works, and as what. Moving keeps mail, aliases and address. */
export function DepartmentsTab({ member, index, onDirty }: DepartmentsTabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const notices = useNotices();
  const changed = useMemberChanged();
  const stored = useMemo<PostDraft[]>(
    () =>
      member.departments.map((post) => ({
        department_id: post.department_id,
        position: post.position ?? "",
        rank: post.rank ?? "",
        is_main: post.is_main,
      })),
    [member.departments],
  );
  const [posts, setPosts] = useState<PostDraft[]>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function save(drafts: readonly PostDraft[]) {
    const path = { id: member.id };
    setBusy(true);
    setProblem(null);
    try {
      changed(await api.setMemberDepartments({ path, body: { departments: postsToSend(drafts) } }));
      setPosts(undefined);
      onDirty(false);
      notices.undoable(t("members.saved", { name: member.name }), async () => {
        changed(await api.setMemberDepartments({ path, body: { departments: postsToSend(stored) } }));
      });
    } catch (cause) {
      setProblem(cause);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Told problem={problem} />
      <PostsEditor
        index={index}
        value={posts ?? stored}
        disabled={!may("manage_members")}
        onChange={(next) => {
          setPosts(next);
          onDirty(true);
        }}
      />
      <p className="part-quiet">{t("members.moveHelp")}</p>
      {posts === undefined ? null : (
        <div className="form-foot">
          <Button
            onClick={() => {
              setPosts(undefined);
              onDirty(false);
            }}
          >
            {t("parts.discard")}
          </Button>
          <Button
            type="primary"
            loading={busy}
            disabled={posts.some((post) => post.department_id === undefined)}
            onClick={() => void save(posts)}
          >
            {t("parts.save")}
          </Button>
        </div>
      )}
    </>
  );
}
