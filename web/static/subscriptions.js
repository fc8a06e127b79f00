// The forms of subscriptions: a digest's time zone is the reader's, until another is chosen.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("input[data-zone]")) {
  if (zone && field.value === "UTC" && !field.closest("form").querySelector("[aria-invalid]")) field.value = zone;
}
