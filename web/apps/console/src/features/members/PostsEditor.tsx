import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Radio, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { DepartmentSelect } from "./DepartmentSelect";
import type { DepartmentIndex } from "./departmentIndex";

/** A post being edited; the main one is sent first. */
export interface PostDraft {
  department_id: string | undefined;
  position: string;
  rank: string;
  is_main: boolean;
}

interface PostsEditorProps {
  index: DepartmentIndex;
  value?: PostDraft[];
  onChange?: (posts: PostDraft[]) => void;
  disabled?: boolean;
}

/** The departments somebody belongs to, with position and rank in each; one of them is the main one. */
export function PostsEditor({ index, value = [], onChange, disabled = false }: PostsEditorProps) {
  const { t } = useTranslation();
  const set = (at: number, patch: Partial<PostDraft>) =>
    onChange?.(value.map((post, place) => (place === at ? { ...post, ...patch } : post)));
  const taken = new Set(value.map((post) => post.department_id));

  function remove(at: number) {
    const rest = value.filter((_, place) => place !== at);
    const first = rest[0];
    if (first !== undefined && !rest.some((post) => post.is_main)) rest[0] = { ...first, is_main: true };
    onChange?.(rest);
  }

  return (
    <div className="posts">
      {value.map((post, at) => (
        <div className="post" key={at}>
          <Tooltip title={t("members.mainHelp")}>
            <Radio
              checked={post.is_main}
              disabled={disabled}
              onChange={() => onChange?.(value.map((other, place) => ({ ...other, is_main: place === at })))}
            >
              {t("members.main")}
            </Radio>
          </Tooltip>
          <DepartmentSelect
            index={index}
            value={post.department_id}
            onChange={(department_id) => set(at, { department_id })}
            label={t("columns.department")}
            without={(id) => id !== post.department_id && taken.has(id)}
          />
          <Input
            value={post.position}
            maxLength={128}
            disabled={disabled}
            placeholder={t("columns.position")}
            aria-label={t("columns.position")}
            onChange={(event) => set(at, { position: event.target.value })}
          />
          <Input
            value={post.rank}
            maxLength={64}
            disabled={disabled}
            placeholder={t("columns.rank")}
            aria-label={t("columns.rank")}
            onChange={(event) => set(at, { rank: event.target.value })}
          />
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            disabled={disabled || value.length === 1}
            aria-label={t("members.removePost")}
            onClick={() => remove(at)}
          />
        </div>
      ))}
      <div>
        <Button
          icon={<PlusOutlined aria-hidden />}
          disabled={disabled || value.length >= 50}
          onClick={() =>
            onChange?.([...value, { department_id: undefined, position: "", rank: "", is_main: value.length === 0 }])
          }
        >
          {t("members.addPost")}
        </Button>
      </div>
    </div>
  );
}

/** The posts as the API takes them: the main one first, those without a department left out. */
export function postsToSend(posts: readonly PostDraft[]) {
  return [...posts]
    .sort((a, b) => Number(b.is_main) - Number(a.is_main))
    .flatMap(({ department_id, position, rank }) =>
      department_id === undefined
        ? []
        : [{ department_id, position: position.trim() || undefined, rank: rank.trim() || undefined }],
    );
}
