/** A text in which no URL has a user name or password any more; the login name of SSH, such as `git@`, stays: it says nothing worth hiding. */
export function withoutCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*):\/\/([^/?#\s'"<>]*)@/gi, (whole, scheme: string, user: string) => (/^(?:git\+)?ssh$/i.test(scheme) && !user.includes(':') ? whole : `${scheme}://***@`));
}
