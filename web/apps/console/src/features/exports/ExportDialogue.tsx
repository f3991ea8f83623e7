import { ArrowDownOutlined, ArrowUpOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { keyOf, q } from "@yanshu/api/query";
import { problemText } from "@yanshu/ui";
import { Button, Checkbox, Form, Modal, Progress, Radio, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Told } from "../../parts/Failed";
import { saveFile } from "../../parts/saveFile";
import { useFormats } from "../../parts/useFormats";
import { api } from "../../server";
import { type DepartmentIndex, pathText } from "../members/departmentIndex";
import { exportFields, moveField, usualExportFields } from "./exportFields";
import "./exports.css";

interface ExportDialogueProps {
  index: DepartmentIndex;
  department: string | undefined;
  onClose: () => void;
}

/** Which columns of whom, in which file; then the file itself when its job is done. */
export function ExportDialogue({ index, department, onClose }: ExportDialogueProps) {
  const { t, i18n } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const [order, setOrder] = useState<readonly string[]>(exportFields);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(usualExportFields));
  const [departments, setDepartments] = useState<string[]>(department === undefined ? [] : [department]);
  const [format, setFormat] = useState<"xlsx" | "csv">("xlsx");
  const [jobId, setJobId] = useState<string>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const job = useQuery({ ...q(api.getJob, { path: { id: jobId ?? "" } }), enabled: jobId !== undefined }).data;

  const options = useMemo(
    () =>
      [...index.byId.values()]
        .filter((node) => node.parent_id !== null)
        .map((node) => ({ value: node.id, label: pathText(index, node.id) }))
        .sort((a, b) => a.label.localeCompare(b.label, "zh-CN")),
    [index],
  );
  const fields = order.filter((field) => ticked.has(field));

  async function start() {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await api.startExport({
        body: { fields, department_ids: departments, format, language: i18n.language },
      });
      client.setQueryData(keyOf(api.getJob, { path: { id: answer.job.id } }), answer.job);
      void client.invalidateQueries({ queryKey: keyOf(api.listJobs) });
      setJobId(answer.job.id);
    } catch (cause) {
      setProblem(cause);
    } finally {
      setBusy(false);
    }
  }

  async function download() {
    if (jobId === undefined) return;
    setBusy(true);
    try {
      saveFile(await api.getExportFile({ path: { job_id: jobId } }), `${t("exports.fileName")}.${format}`);
      onClose();
    } catch (cause) {
      setProblem(cause);
    } finally {
      setBusy(false);
    }
  }

  if (job !== undefined) {
    const failed = job.state === "failed" || job.state === "cancelled";
    return (
      <Modal
        open
        title={t(job.state === "done" ? "exports.ready" : failed ? "exports.failed" : "exports.running")}
        onCancel={onClose}
        okText={t("exports.download")}
        okButtonProps={{ disabled: job.state !== "done" }}
        confirmLoading={busy}
        onOk={() => void download()}
        cancelText={t("parts.close")}
      >
        <Progress
          percent={
            job.state === "done" ? 100 : Math.floor((job.progress_done / Math.max(1, job.progress_total ?? 1)) * 100)
          }
          status={failed ? "exception" : job.state === "done" ? "success" : "active"}
          aria-label={t("exports.running")}
        />
        <p role="status">
          {job.error_code === null
            ? t("exports.counted", { shown: formats.number(job.progress_done) })
            : problemText(t, { code: job.error_code, params: job.error_params })}
        </p>
        <p className="part-quiet">{t("exports.leaveHelp")}</p>
        <Told problem={problem} />
      </Modal>
    );
  }

  return (
    <Modal
      open
      title={t("exports.title")}
      onCancel={onClose}
      okText={t("exports.start")}
      okButtonProps={{ disabled: fields.length === 0 }}
      confirmLoading={busy}
      onOk={() => void start()}
      cancelText={t("parts.cancel")}
    >
      <Told problem={problem} />
      <Form layout="vertical">
        <Form.Item label={t("exports.departments")} htmlFor="export-departments" extra={t("exports.departmentsHelp")}>
          <Select
            id="export-departments"
            mode="multiple"
            value={departments}
            onChange={setDepartments}
            options={options}
            showSearch={{ optionFilterProp: "label" }}
            maxTagCount={3}
            placeholder={t("exports.everybody")}
          />
        </Form.Item>
        <fieldset className="export-fields">
          <legend>
            {t("exports.fields")}{" "}
            <Button
              type="link"
              size="small"
              onClick={() => setTicked(new Set(ticked.size === order.length ? [] : order))}
            >
              {t(ticked.size === order.length ? "exports.none" : "exports.all")}
            </Button>
          </legend>
          <ol>
            {order.map((field, at) => (
              <li key={field}>
                <Checkbox
                  checked={ticked.has(field)}
                  onChange={(event) => {
                    const next = new Set(ticked);
                    if (event.target.checked) next.add(field);
                    else next.delete(field);
                    setTicked(next);
                  }}
                >
                  {t(`columns.${field}`)}
                </Checkbox>
                <span>
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowUpOutlined aria-hidden />}
                    disabled={at === 0}
                    aria-label={t("exports.up", { field: t(`columns.${field}`) })}
                    onClick={() => setOrder(moveField(order, at, -1))}
                  />
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowDownOutlined aria-hidden />}
                    disabled={at === order.length - 1}
                    aria-label={t("exports.down", { field: t(`columns.${field}`) })}
                    onClick={() => setOrder(moveField(order, at, 1))}
                  />
                </span>
              </li>
            ))}
          </ol>
        </fieldset>
        <Form.Item label={t("exports.format")}>
          <Radio.Group
            value={format}
            onChange={(event) => setFormat(event.target.value)}
            options={[
              { value: "xlsx", label: t("exports.xlsx") },
              { value: "csv", label: t("exports.csv") },
            ]}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
