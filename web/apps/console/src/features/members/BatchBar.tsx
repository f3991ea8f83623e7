import { useQueryClient } from "@tanstack/react-query";
import { keyOf } from "@yanshu/api/query";
import { Button, Dropdown, Modal, Select, Skeleton } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Told } from "../../parts/Failed";
import { useFormats } from "../../parts/useFormats";
import { useNotices } from "../../parts/useNotices";
import { api } from "../../server";
import type { BatchAction, BatchFilter, ServiceClass } from "../../server/types";
import { DepartmentSelect } from "./DepartmentSelect";
import type { DepartmentIndex } from "./departmentIndex";

interface BatchBarProps {
  ids: string[];
  /** All that match the filter are meant, not only those ticked. */
  all: boolean;
  total: number;
  filter: BatchFilter;
  index: DepartmentIndex;
  classes: readonly ServiceClass[];
  names: ReadonlyMap<string, string>;
  onAll: () => void;
  onClear: () => void;
}

/** What can be done with those who are selected: always previewed, then a job. */
export function BatchBar(props: BatchBarProps) {
  const { ids, all, total, onAll, onClear } = props;
  const { t } = useTranslation();
  const formats = useFormats();
  const [action, setAction] = useState<BatchAction>();
  const count = all ? total : ids.length;
  return (
    <section className="batch" aria-label={t("batch.label")}>
      <span className="batch-text" role="status">
        {all
          ? t("batch.allSelected", { count, shown: formats.number(count) })
          : t("batch.selected", { count, shown: formats.number(count) })}
        {!all && total > ids.length ? (
          <Button type="link" size="small" onClick={onAll}>
            {t("batch.selectAll", { count: total, shown: formats.number(total) })}
          </Button>
        ) : null}
        <Button type="link" size="small" onClick={onClear}>
          {t("batch.clear")}
        </Button>
      </span>
      <Button onClick={() => setAction("move")}>{t("batch.action.move")}</Button>
      <Button onClick={() => setAction("set_service_class")}>{t("batch.action.set_service_class")}</Button>
      <Button onClick={() => setAction("suspend")}>{t("batch.action.suspend")}</Button>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [
            { key: "resume", label: t("batch.action.resume") },
            { key: "recycle", label: t("batch.action.recycle"), danger: true },
          ],
          onClick: ({ key }) => setAction(key as BatchAction),
        }}
      >
        <Button>{t("batch.more")}</Button>
      </Dropdown>
      {action === undefined ? null : <BatchDialogue {...props} action={action} onClose={() => setAction(undefined)} />}
    </section>
  );
}

function BatchDialogue({ action, onClose, ...props }: BatchBarProps & { action: BatchAction; onClose: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const notices = useNotices();
  const client = useQueryClient();
  const [department, setDepartment] = useState<string>();
  const [serviceClass, setServiceClass] = useState<string>();
  const [matched, setMatched] = useState<number>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const ready =
    (action !== "move" || department !== undefined) && (action !== "set_service_class" || serviceClass !== undefined);
  const whom = props.all ? { filter: props.filter } : { member_ids: props.ids };
  const body = { action, ...whom, department_id: department, service_class_id: serviceClass };
  const question = JSON.stringify(body);

  // The server says how many it would touch before anything is done.
  useEffect(() => {
    if (!ready) return undefined;
    const stop = new AbortController();
    setProblem(null);
    setMatched(undefined);
    api.changeMembers({ body: { ...JSON.parse(question), preview: true } }, { signal: stop.signal }).then(
      (answer) => setMatched(answer.matched),
      (cause: unknown) => {
        if (!stop.signal.aborted) setProblem(cause);
      },
    );
    return () => stop.abort();
  }, [ready, question]);

  async function start() {
    setBusy(true);
    setProblem(null);
    try {
      await api.changeMembers({ body: { ...body, preview: false } });
      await client.invalidateQueries({ queryKey: keyOf(api.listJobs) });
      notices.done(t("batch.started"));
      onClose();
      props.onClear();
    } catch (cause) {
      setProblem(cause);
    } finally {
      setBusy(false);
    }
  }

  const examples = props.all ? [] : props.ids.slice(0, 5).map((id) => props.names.get(id) ?? id);
  return (
    <Modal
      open
      title={t(`batch.title.${action}`)}
      okText={
        matched === undefined
          ? t(`batch.action.${action}`)
          : t(`batch.confirm.${action}`, { count: matched, shown: formats.number(matched) })
      }
      okButtonProps={{ danger: action === "recycle", disabled: !ready || matched === undefined || matched === 0 }}
      cancelText={t("parts.cancel")}
      confirmLoading={busy}
      onOk={() => void start()}
      onCancel={onClose}
    >
      {action === "move" ? (
        <DepartmentSelect
          index={props.index}
          value={department}
          onChange={setDepartment}
          label={t("batch.where")}
          placeholder={t("batch.where")}
        />
      ) : null}
      {action === "set_service_class" ? (
        <Select
          aria-label={t("batch.which")}
          placeholder={t("batch.which")}
          value={serviceClass}
          onChange={setServiceClass}
          options={props.classes.map((one) => ({ value: one.id, label: one.name }))}
          style={{ width: "100%" }}
        />
      ) : null}
      <p>{t(`batch.effect.${action}`)}</p>
      {examples.length > 0 ? (
        <p className="part-quiet">
          {t("batch.examples", { names: examples.join(t("batch.separator")) })}
          {props.ids.length > examples.length ? "…" : ""}
        </p>
      ) : null}
      {ready && problem === null ? (
        matched === undefined ? (
          <Skeleton.Button active size="small" />
        ) : (
          <p role="status">
            <strong>{t("batch.preview", { count: matched, shown: formats.number(matched) })}</strong>
          </p>
        )
      ) : null}
      <Told problem={problem} />
    </Modal>
  );
}
