import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Form, Input } from "antd";
import { beforeAll, expect, test, vi } from "vitest";
import { startTexts } from "../i18n/setup";
import { UiProvider } from "../theme/UiProvider";
import { FormField, formDefaults } from "./FormField";
import { NewPasswordForm } from "./NewPasswordForm";
import { SignInForm } from "./SignInForm";
import { useSubmit } from "./useSubmit";

beforeAll(async () => {
  localStorage.setItem("yanshu.language", "en");
  await startTexts(async () => ({ default: {} }));
});

const refused = (field: string, code: string) =>
  Object.assign(new Error(code), { code, params: {}, fields: [{ field, code, params: {} }], requestId: null });

function OneField({ send }: { send: (values: { nickname: string }) => Promise<void> }) {
  const [form] = Form.useForm<{ nickname: string }>();
  const { submit } = useSubmit(form, send);
  return (
    <UiProvider>
      <Form {...formDefaults} form={form} onFinish={submit}>
        <FormField name="nickname" label="Nickname" required="Enter a nickname">
          <Input />
        </FormField>
        <button type="submit">Save</button>
      </Form>
    </UiProvider>
  );
}

test("an error is told after leaving the field, not while typing, and goes when the field is changed", async () => {
  const user = userEvent.setup();
  render(<OneField send={async () => {}} />);
  const field = screen.getByLabelText("Nickname");
  await user.type(field, "x");
  await user.clear(field);
  expect(screen.queryByText("Enter a nickname")).toBeNull();
  await user.tab();
  expect(await screen.findByText("Enter a nickname")).toBeTruthy();
  await user.type(field, "y");
  await waitFor(() => expect(field.getAttribute("aria-invalid")).not.toBe("true"));
});

test("the server's error lands on its field and is judged anew with the next try", async () => {
  const user = userEvent.setup();
  const send = vi.fn().mockRejectedValueOnce(refused("nickname", "value_invalid")).mockResolvedValueOnce(undefined);
  render(<OneField send={send} />);
  const field = screen.getByLabelText("Nickname");
  await user.type(field, "x{Enter}");
  expect(await screen.findByText(/can’t be used/)).toBeTruthy();
  expect(document.activeElement).toBe(field);
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(send).toHaveBeenCalledTimes(2));
  await waitFor(() => expect(field.getAttribute("aria-invalid")).not.toBe("true"));
});

test("an account name with an @ is sent as the mail address it is", async () => {
  const user = userEvent.setup();
  const send = vi.fn().mockResolvedValue(undefined);
  render(
    <UiProvider>
      <SignInForm organisationCode="kangning" onSubmit={send} />
    </UiProvider>,
  );
  await user.type(screen.getByLabelText("Account name"), " renxi2@example.test ");
  await user.type(screen.getByLabelText("Password"), "secret{Enter}");
  await waitFor(() =>
    expect(send).toHaveBeenCalledWith({ address: "renxi2@example.test", password: "secret", remember: false }),
  );
});

test("a new password is sent only when every rule is met and both fields agree", async () => {
  const user = userEvent.setup();
  const send = vi.fn().mockResolvedValue(undefined);
  const check = async (password: string) => [
    { rule: "min_length", met: password.length >= 4, params: { min_length: "4" } },
  ];
  render(
    <UiProvider>
      <NewPasswordForm submitLabel="Choose" check={check} onSubmit={send} />
    </UiProvider>,
  );
  await screen.findByText("At least 4 characters");
  await user.type(screen.getByLabelText("New password"), "abc");
  await user.type(screen.getByLabelText("New password again"), "abd{Enter}");
  expect(await screen.findByText("The two passwords differ")).toBeTruthy();
  expect(await screen.findByText(/does not meet every rule/)).toBeTruthy();
  expect(send).not.toHaveBeenCalled();
  await user.type(screen.getByLabelText("New password"), "d");
  await user.clear(screen.getByLabelText("New password again"));
  await user.type(screen.getByLabelText("New password again"), "abcd{Enter}");
  await waitFor(() => expect(send).toHaveBeenCalledWith({ new_password: "abcd" }));
});
