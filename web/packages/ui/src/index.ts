export { type VirtualColumn, VirtualTable } from "./data/VirtualTable";
export { ConfirmDanger } from "./feedback/ConfirmDanger";
export { CopyButton, copyText } from "./feedback/CopyButton";
export { EmptyState } from "./feedback/EmptyState";
export { ErrorState } from "./feedback/ErrorState";
export { ForbiddenState } from "./feedback/ForbiddenState";
export { LoadingSkeleton } from "./feedback/LoadingSkeleton";
export { StatusTag, type StatusTone } from "./feedback/StatusTag";
export { phoneText } from "./format/phone";
export { numberText, sizeText } from "./format/size";
export { TimeText, useTimeContext, ZoneContext } from "./format/TimeText";
export {
  clockText,
  dayNumber,
  dayText,
  monthText,
  relativeText,
  startOfDay,
  type TimeContext,
  timeText,
  type WallTime,
  wallTime,
} from "./format/time";
export { FormField, formDefaults, placeFieldErrors } from "./forms/FormField";
export { NewPasswordForm } from "./forms/NewPasswordForm";
export { PasswordField } from "./forms/PasswordField";
export { allMet, type PasswordRule, rulesAt } from "./forms/password-rules";
export { SignInForm, type SignInValues } from "./forms/SignInForm";
export { type SubmitProblem, useSubmit } from "./forms/useSubmit";
export { useDebounced } from "./hooks/debounced";
export { type Shortcuts, useShortcuts } from "./hooks/shortcuts";
export { useUnsavedGuard } from "./hooks/unsaved";
export { problemText, type ToldProblem } from "./i18n/problem-text";
export {
  addTexts,
  chooseLanguage,
  currentLanguage,
  type Language,
  type LoadTexts,
  languages,
  startTexts,
} from "./i18n/setup";
export { AppShell, type NavItem, type ShellPart } from "./shell/AppShell";
export { Brand } from "./shell/Brand";
export { LanguageSwitch } from "./shell/LanguageSwitch";
export { PageHeader, useDocumentTitle } from "./shell/PageHeader";
export { PublicPage } from "./shell/PublicPage";
export { ThemeSwitch } from "./shell/ThemeSwitch";
export { AppProvider } from "./theme/AppProvider";
export { chooseTheme, type ThemeChoice, useMedia, useThemeChoice, useThemeName } from "./theme/store";
export { type ThemeName, themeConfig } from "./theme/tokens";
export { UiProvider } from "./theme/UiProvider";
