/** A number as people read it: 189 7694 2196 at home, with the country code for others. */
export function phoneText(number: string | null): string {
  if (number === null) return "";
  const chinese = /^\+86(1\d{2})(\d{4})(\d{4})$/.exec(number);
  return chinese === null ? number : `${chinese[1]} ${chinese[2]} ${chinese[3]}`;
}
