import { Breadcrumb } from "antd";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../parts/useFormats";
import { ancestry, type DepartmentIndex } from "./departmentIndex";
import type { MemberSearch } from "./memberSearch";

interface DepartmentHeaderProps {
  index: DepartmentIndex;
  id: string | undefined;
  search: MemberSearch;
  onChange: (patch: Partial<MemberSearch>) => void;
}

/** Which department is shown, how many there are, who leads it, and who has not activated the account yet. */
export function DepartmentHeader({ index, id, search, onChange }: DepartmentHeaderProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const department = id === undefined ? undefined : index.byId.get(id);
  if (department === undefined) return <div className="dept" />;
  const path = ancestry(index, department.id);
  return (
    <div className="dept">
      <Breadcrumb
        className="dept-path"
        items={path.map((node, at) => ({
          key: node.id,
          title:
            at === path.length - 1 ? (
              <span className="dept-here" aria-current="location">
                {node.name}
              </span>
            ) : (
              <button
                type="button"
                className="link-button"
                onClick={() => onChange({ department: node.id === index.root?.id ? undefined : node.id })}
              >
                {node.name}
              </button>
            ),
        }))}
      />
      <span className="part-quiet">
        {department.member_limit === null
          ? t("departments.people", {
              count: department.subtree_count,
              shown: formats.number(department.subtree_count),
            })
          : t("departments.peopleOf", {
              shown: formats.number(department.subtree_count),
              limit: formats.number(department.member_limit),
            })}
      </span>
      {department.not_activated_count > 0 ? (
        <span className="dept-notice">
          {t("departments.notActivated", {
            count: department.not_activated_count,
            shown: formats.number(department.not_activated_count),
          })}{" "}
          {search.state === "pending" ? null : (
            <button type="button" className="link-button" onClick={() => onChange({ state: "pending" })}>
              {t("departments.showNotActivated")}
            </button>
          )}
        </span>
      ) : null}
      {department.leaders.length > 0 ? (
        <span>
          <span className="part-quiet">{t("departments.leaders")}</span>{" "}
          {department.leaders.map((leader, at) => (
            <span key={leader.id}>
              {at > 0 ? t("departments.and") : ""}
              <button type="button" className="link-button" onClick={() => onChange({ member: leader.id })}>
                {leader.name}
              </button>
            </span>
          ))}
        </span>
      ) : null}
    </div>
  );
}
