import { formDefaults } from "@yanshu/ui";
import { Button, Form } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Told } from "../../../parts/Failed";
import { useMay } from "../../../session/session";
import type { useMemberForm } from "../useMemberForm";

interface TabFormProps {
  edit: ReturnType<typeof useMemberForm>;
  initial: Record<string, unknown>;
  label: string;
  children: ReactNode;
}

/** The form of a tab: fields in a grid, save and discard at the foot; shown but not editable to those who may not change it. */
export function TabForm({ edit, initial, label, children }: TabFormProps) {
  const { t } = useTranslation();
  const allowed = useMay()("manage_members");
  return (
    <Form
      {...formDefaults}
      form={edit.form}
      aria-label={label}
      initialValues={initial}
      disabled={!allowed}
      onValuesChange={edit.touch}
      onFinish={(values) => void edit.save(values)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) edit.form.submit();
      }}
    >
      <Told problem={edit.problem} />
      {allowed ? null : (
        <p className="part-quiet">{t("states.mayNot", { permission: t("permissions.manage_members") })}</p>
      )}
      <div className="form-grid">{children}</div>
      {edit.dirty ? (
        <div className="form-foot">
          <Button onClick={edit.reset}>{t("parts.discard")}</Button>
          <Button type="primary" htmlType="submit" loading={edit.busy}>
            {t("parts.save")}
          </Button>
        </div>
      ) : null}
    </Form>
  );
}
