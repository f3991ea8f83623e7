import { api } from "@yanshu/api";
import { ErrorState, FormField, formDefaults, PublicPage, useSubmit } from "@yanshu/ui";
import { Button, Checkbox, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { goTo } from "../../location";
import { paths } from "../../paths";
import { rememberCode } from "./remembered";

interface Fields {
  organisation_code: string;
  remember: boolean;
}

/** One question: which organisation? */
export function OrganisationCodePage({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const { submit, pending, problem } = useSubmit<Fields>(form, async ({ organisation_code, remember }) => {
    const page = await api.getSignInPage({ path: { code: organisation_code.trim() } });
    rememberCode(remember ? page.organisation_code : null);
    goTo(paths.organisation(page.organisation_code));
  });
  return (
    <PublicPage title={t("organisationCode.title")} intro={t("organisationCode.intro")}>
      <Form
        {...formDefaults}
        form={form}
        onFinish={submit}
        requiredMark={false}
        initialValues={{ remember: true }}
        noValidate
      >
        {problem && (
          <div style={{ marginBottom: 16 }}>
            <ErrorState
              problem={
                problem.code === "not_found" ? { ...problem, code: "organisation_not_found", requestId: null } : problem
              }
            />
          </div>
        )}
        <FormField
          name="organisation_code"
          label={t("organisationCode.label")}
          required={t("organisationCode.missing")}
        >
          <Input
            autoFocus
            autoComplete="organization"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            maxLength={32}
          />
        </FormField>
        <Form.Item name="remember" valuePropName="checked">
          <Checkbox style={{ minHeight: 40, alignItems: "center" }}>{t("organisationCode.remember")}</Checkbox>
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={pending}>
          {t("organisationCode.submit")}
        </Button>
        <Button type="link" block style={{ marginTop: 8 }} onClick={onBack}>
          {t("signIn.byAddress")}
        </Button>
      </Form>
    </PublicPage>
  );
}
