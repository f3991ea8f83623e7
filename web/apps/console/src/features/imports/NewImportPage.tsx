import { FileExcelOutlined, InboxOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { keyOf, q } from "@yanshu/api/query";
import { FormField, formDefaults, useUnsavedGuard } from "@yanshu/ui";
import { AutoComplete, Button, Form, Radio, Select, Switch } from "antd";
import { type DragEvent, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Told } from "../../parts/Failed";
import { GuardedButton } from "../../parts/GuardedButton";
import { PageFrame } from "../../parts/PageFrame";
import { useFormats } from "../../parts/useFormats";
import { paths } from "../../paths";
import { api } from "../../server";
import type { ImportOptions } from "../../server/types";
import { DepartmentSelect } from "../members/DepartmentSelect";
import { indexDepartments } from "../members/departmentIndex";
import { ImportSteps } from "./ImportSteps";
import { TemplateLinks } from "./TemplateLinks";
import { fileProblem } from "./uploadFile";
import "./imports.css";

const countries = ["+86", "+852", "+853", "+886", "+1", "+44", "+65", "+81", "+82", "+61"];

type Fields = Required<
  Pick<ImportOptions, "create_missing_departments" | "default_country" | "on_existing" | "initial_passwords">
> &
  Pick<ImportOptions, "domain" | "department_id">;

/** The first step: a file, and how it is to be read. Nothing is changed by it. */
export function NewImportPage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const input = useRef<HTMLInputElement>(null);
  const inputId = useId();
  const [file, setFile] = useState<File>();
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useUnsavedGuard(busy);

  const domains = useQuery(q(api.listDomains));
  const departments = useQuery(q(api.listDepartments));
  const index = useMemo(() => indexDepartments(departments.data?.items ?? []), [departments.data]);
  const usable = (domains.data?.items ?? []).filter((domain) => domain.state !== "waiting");
  const usual = usable.find((domain) => domain.is_default) ?? usable[0];
  const wrong = file === undefined ? undefined : fileProblem(file);

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped !== undefined) setFile(dropped);
  }

  async function upload(fields: Fields) {
    if (file === undefined || wrong !== undefined) return;
    setBusy(true);
    setProblem(null);
    // The options stand before the file, so that the server knows them when it begins to read.
    const body = new FormData();
    body.append(
      "options",
      JSON.stringify({ ...fields, domain: fields.domain ?? null, department_id: fields.department_id ?? null }),
    );
    body.append("file", file);
    try {
      const made = await api.createImport({ body });
      client.setQueryData(keyOf(api.getImport, { path: { id: made.id } }), made);
      void client.invalidateQueries({ queryKey: [api.listImports.id] });
      await navigate({ to: paths.import, params: { importId: made.id } });
    } catch (cause) {
      setProblem(cause);
      setBusy(false);
    }
  }

  return (
    <PageFrame narrow title={t("imports.new")} help={t("imports.newHelp")}>
      <ImportSteps step="file" />
      <Told problem={problem} />
      <Form
        {...formDefaults}
        form={form}
        aria-label={t("imports.new")}
        onFinish={(fields) => void upload(fields)}
        initialValues={{
          create_missing_departments: true,
          default_country: "+86",
          on_existing: "update",
          initial_passwords: "generated",
        }}
      >
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button inside does the same */}
        <div
          className={`drop${over ? " drop-over" : ""}`}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <input
            ref={input}
            id={inputId}
            type="file"
            className="yanshu-hidden"
            accept=".xlsx,.csv,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            aria-label={t("imports.choose")}
            onChange={(event) => setFile(event.target.files?.[0])}
          />
          <span aria-hidden className="drop-icon">
            {file === undefined ? <InboxOutlined /> : <FileExcelOutlined />}
          </span>
          {file === undefined ? (
            <p>{t("imports.drop")}</p>
          ) : (
            <p>
              <strong>{file.name}</strong> <span className="part-quiet">{formats.size(file.size)}</span>
            </p>
          )}
          <Button onClick={() => input.current?.click()}>
            {t(file === undefined ? "imports.choose" : "imports.chooseOther")}
          </Button>
          <p className="part-quiet">
            {t("imports.accepts")} {t("imports.template")} <TemplateLinks />
          </p>
          {wrong === undefined ? null : (
            <p role="alert" className="drop-wrong">
              {t(wrong)}
            </p>
          )}
        </div>
        <h2 className="import-heading">{t("imports.options")}</h2>
        <div className="form-grid">
          <FormField
            key={usual?.id}
            name="domain"
            label={t("imports.domain")}
            help={t("imports.domainHelp")}
            initialValue={usual?.name}
          >
            <Select options={usable.map((domain) => ({ value: domain.name, label: `@${domain.display_name}` }))} />
          </FormField>
          <FormField name="department_id" label={t("imports.department")} help={t("imports.departmentHelp")}>
            <DepartmentSelect index={index} clearable placeholder={index.root?.name ?? ""} />
          </FormField>
          <FormField
            name="default_country"
            label={t("imports.country")}
            help={t("imports.countryHelp")}
            rules={[{ pattern: /^\+[1-9]\d{0,3}$/, message: t("imports.countryInvalid") }]}
          >
            <AutoComplete
              options={countries.map((code) => ({ value: code, label: `${code} ${t(`countries.${code.slice(1)}`)}` }))}
            />
          </FormField>
          <FormField
            name="create_missing_departments"
            label={t("imports.createDepartments")}
            help={t("imports.createDepartmentsHelp")}
            valuePropName="checked"
          >
            <Switch />
          </FormField>
        </div>
        <FormField name="on_existing" label={t("imports.existing")}>
          <Radio.Group
            options={(["update", "skip", "fail"] as const).map((value) => ({
              value,
              label: t(`imports.existing_${value}`),
            }))}
          />
        </FormField>
        <FormField name="initial_passwords" label={t("columns.initial_password")} help={t("imports.passwordsHelp")}>
          <Radio.Group
            options={(["generated", "given", "none"] as const).map((value) => ({
              value,
              label: t(`imports.initialPasswords.${value}`),
            }))}
          />
        </FormField>
        <GuardedButton
          needs="import_members"
          type="primary"
          size="large"
          htmlType="submit"
          loading={busy}
          reason={file === undefined ? t("imports.chooseFirst") : wrong === undefined ? undefined : t(wrong)}
        >
          {t(busy ? "imports.uploading" : "imports.check")}
        </GuardedButton>
      </Form>
    </PageFrame>
  );
}
