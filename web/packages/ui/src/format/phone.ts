/** A phone number as people read it: mainland mobiles without the country code and in groups, others as they are stored. */
export function phoneText(number: string): string {
  const mobile = /^\+86(1\d{2})(\d{4})(\d{4})$/.exec(number);
  return mobile === null ? number : mobile.slice(1).join(" ");
}
