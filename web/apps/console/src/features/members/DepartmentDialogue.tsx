import { useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@yanshu/api";
import { keyOf } from "@yanshu/api/query";
import { FormField, formDefaults, placeFieldErrors } from "@yanshu/ui";
import { Form, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Told } from "../../parts/Failed";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { Department } from "../../server/types";
import { DepartmentSelect } from "./DepartmentSelect";
import type { DepartmentAction } from "./DepartmentTree";
import { canMove, type DepartmentIndex, pathText } from "./departmentIndex";
import { type MemberChoice, MemberSelect } from "./MemberSelect";

interface Fields {
  name: string;
  identifier?: string;
  member_limit?: number | null;
  parent_id?: string;
  leaders?: MemberChoice[];
}

interface DepartmentDialogueProps {
  action: DepartmentAction;
  department: Department;
  index: DepartmentIndex;
  onClose: () => void;
  onMove: (id: string, place: { parent_id: string }) => Promise<void>;
  onAdded: (id: string) => void;
  onRemoved: (id: string) => void;
}

/** One thing done to a department: add below it, rename, limit, leaders, move, remove. */
export function DepartmentDialogue({
  action,
  department,
  index,
  onClose,
  onMove,
  onAdded,
  onRemoved,
}: DepartmentDialogueProps) {
  const { t } = useTranslation();
  const notices = useNotices();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { name } = department;

  const reload = () => client.invalidateQueries({ queryKey: keyOf(api.listDepartments) });

  async function carryOut(fields: Fields) {
    const path = { id: department.id };
    switch (action) {
      case "add": {
        const added = await api.createDepartment({
          body: {
            parent_id: fields.parent_id ?? department.id,
            name: fields.name,
            identifier: fields.identifier || undefined,
            member_limit: fields.member_limit ?? undefined,
          },
        });
        await reload();
        onAdded(added.id);
        notices.done(t("departments.added", { name: added.name }));
        return;
      }
      case "rename": {
        const before = { name: department.name, identifier: department.identifier };
        await api.updateDepartment({ path, body: { name: fields.name, identifier: fields.identifier || undefined } });
        notices.undoable(t("departments.renamed", { name: fields.name }), async () => {
          await api.updateDepartment({ path, body: before });
          await reload();
        });
        return;
      }
      case "limit":
        await api.updateDepartment({ path, body: { member_limit: fields.member_limit ?? null } });
        notices.done(t("departments.limitSet", { name }));
        return;
      case "leaders":
        await api.setDepartmentLeaders({
          path,
          body: { member_ids: (fields.leaders ?? []).map((leader) => leader.id) },
        });
        notices.done(t("departments.leadersSet", { name }));
        return;
      case "move":
        if (fields.parent_id !== undefined) await onMove(department.id, { parent_id: fields.parent_id });
        return;
      case "remove": {
        await api.removeDepartment({ path });
        onRemoved(department.id);
        const { parent_id } = department;
        if (parent_id === null) return;
        notices.undoable(t("departments.removed", { name }), async () => {
          await api.createDepartment({
            body: {
              parent_id,
              name,
              identifier: department.identifier,
              member_limit: department.member_limit ?? undefined,
            },
          });
          await reload();
        });
      }
    }
  }

  async function submit() {
    const fields = await form.validateFields().catch(() => undefined);
    if (fields === undefined) return;
    setBusy(true);
    setProblem(null);
    try {
      await carryOut(fields);
      await reload();
      onClose();
    } catch (cause) {
      const told = asProblem(cause);
      if (!placeFieldErrors(form, told, t)) setProblem(told);
    } finally {
      setBusy(false);
    }
  }

  const occupied =
    action === "remove" && (department.subtree_count > 0 || (index.children.get(department.id)?.length ?? 0) > 0);

  return (
    <Modal
      open
      title={t(`departments.titles.${action}`, { name })}
      okText={t(`departments.confirm.${action}`)}
      okButtonProps={{ danger: action === "remove", disabled: occupied }}
      cancelText={t("parts.cancel")}
      confirmLoading={busy}
      onOk={() => void submit()}
      onCancel={onClose}
    >
      <Told problem={problem} />
      <Form
        {...formDefaults}
        form={form}
        preserve={false}
        onFinish={() => void submit()}
        initialValues={{
          name: action === "rename" ? department.name : "",
          identifier: action === "rename" ? department.identifier : "",
          member_limit: action === "limit" ? department.member_limit : undefined,
          parent_id: action === "add" ? department.id : (department.parent_id ?? undefined),
          leaders: department.leaders,
        }}
      >
        {action === "add" || action === "rename" ? (
          <>
            <FormField
              name="name"
              label={t("departments.fields.name")}
              required={t("departments.nameMissing")}
              rules={[{ pattern: /^[^/]*$/, message: t("departments.noSlash") }]}
            >
              <Input autoFocus maxLength={64} autoComplete="off" />
            </FormField>
            {action === "add" ? (
              <FormField name="parent_id" label={t("departments.fields.parent")}>
                <DepartmentSelect index={index} />
              </FormField>
            ) : null}
            <FormField
              name="identifier"
              label={t("departments.fields.identifier")}
              help={t("departments.identifierHelp")}
            >
              <Input maxLength={32} autoComplete="off" />
            </FormField>
          </>
        ) : null}
        {action === "add" || action === "limit" ? (
          <FormField name="member_limit" label={t("departments.fields.limit")} help={t("departments.limitHelp")}>
            <InputNumber
              min={0}
              max={10_000_000}
              precision={0}
              style={{ width: "100%" }}
              placeholder={t("departments.noLimit")}
            />
          </FormField>
        ) : null}
        {action === "leaders" ? (
          <FormField name="leaders" label={t("departments.fields.leaders")} help={t("departments.leadersHelp")}>
            <MemberSelect multiple />
          </FormField>
        ) : null}
        {action === "move" ? (
          <FormField name="parent_id" label={t("departments.fields.newParent")} help={t("departments.moveHelp")}>
            <DepartmentSelect index={index} without={(candidate) => !canMove(index, department.id, candidate)} />
          </FormField>
        ) : null}
        {action === "remove" ? (
          <p>
            {occupied
              ? t("departments.occupied", { count: department.subtree_count })
              : t("departments.removeHelp", { path: pathText(index, department.id) })}
          </p>
        ) : null}
      </Form>
    </Modal>
  );
}
