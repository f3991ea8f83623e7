import { SetUpPage } from "./features/set-up/SetUpPage";
import { SignInPages } from "./features/sign-in/SignInPages";
import { StartPage } from "./features/start/StartPage";
import { useLocation } from "./location";
import { codeInPath } from "./paths";

/** Which of the public pages the address means. */
export function EntryPages() {
  const { pathname, search } = useLocation();
  if (pathname === "/setup") return <SetUpPage token={new URLSearchParams(search).get("token") ?? ""} />;
  if (pathname === "/login") return <SignInPages code={null} />;
  const code = codeInPath(pathname);
  if (code !== null) return <SignInPages code={code} />;
  return <StartPage />;
}
