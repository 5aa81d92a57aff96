/**
 * Every sentence that leaves the server, in English, by key. `{name}` stands for a value. The wire's sentences are those of
 * devise_token_auth, which old clients read: they do not change.
 */
export const en = {
  /** Errors, by their code (`errors.ts`). */
  errors: {
    unauthenticated: "You need to sign in or sign up before continuing.",
    invalid_credentials: "Invalid login credentials. Please try again.",
    invalid_token: "Invalid login credentials",
    unconfirmed:
      "A confirmation email was sent to your account at '{subject}'. You must follow the instructions in the email before your account can be activated",
    locked: "Your account has been locked due to an excessive number of unsuccessful sign in attempts.",
    disabled: "Your account has been disabled.",
    not_locked: "Email was not locked, please try signing in",
    already_confirmed: "Email was already confirmed, please try signing in",
    sign_in_with_get: "Use POST /sign_in to sign in. GET is not supported.",
    not_signed_in: "User was not found or was not logged in.",
    user_not_found: "User not found.",
    account_not_found: "Unable to locate account for destruction.",
    email_missing: "You must provide an email address.",
    email_unknown: "Unable to find user with email '{subject}'.",
    redirect_missing: "Missing redirect URL.",
    redirect_refused: "Redirect to '{subject}' not allowed.",
    confirm_success_url_missing: "Missing 'confirm_success_url' parameter.",
    sign_up_empty: "Please submit proper sign up data in request body.",
    update_empty: "Please submit proper account update data in request body.",
    password_unauthorized: "Unauthorized",
    password_missing: "You must fill out the fields labeled 'Password' and 'Password confirmation'.",
    password_not_required:
      "This account does not require a password. Sign in using your '{subject}' account instead.",
    registration_disabled: "Registration is closed.",
    session_not_found: "Session not found.",
    access_denied: "The sign-in was declined.",
    interaction_required: "{subject} needs you to sign in or to agree there first. Please start again.",
    provider_error: "{subject} refused the sign-in. Please start again.",
    provider_unavailable: "{subject} is not available right now. Please try again in a moment.",
    identity_unproven: "What {subject} sent could not be verified.",
    state_invalid: "This sign-in is unknown or has expired. Please start again.",
    state_used: "This sign-in was used already. If you are not signed in, please start again.",
    browser_mismatch: "This sign-in was started in another browser. Please start again in this one.",
    email_required: "An account needs an email address, and {subject} gave none.",
    email_taken: "An account with this email address exists. Sign in to it, and add {subject} there.",
    code_challenge_missing: "Missing 'code_challenge' parameter: 43 characters, the SHA-256 of a verifier.",
    omniauth_code_invalid: "This code is unknown, was used already, or has expired.",
    reauthentication_required: "Please sign in again, or send your current password, before this change.",
    identity_taken: "Another account signs in with this identity.",
    identity_not_found: "Identity not found.",
    last_sign_in_method: "Without this identity nobody could sign in to the account. Add another way first.",
    cross_site_refused:
      "This request came from another site. Send the credentials as headers instead of the cookie.",
    not_found: "Nothing is here.",
    method_not_allowed: "{subject} is not supported here.",
    malformed_body: "The request body could not be read: {subject}",
    malformed_parameter: "The parameter '{subject}' must be text.",
    body_too_large: "The request body is too large.",
    headers_too_large: "The request headers are too large.",
    unsupported_media_type:
      "Send the body as application/json, application/x-www-form-urlencoded or multipart/form-data.",
    invalid: "Some values are not acceptable.",
    too_many_requests: "There were too many requests. Please try again later.",
    mail_unavailable: "The email could not be sent. Please try again in a moment.",
    overloaded: "The service is busy. Please try again in a moment.",
    unavailable: "The service is not available right now. Please try again in a moment.",
    internal: "Something went wrong on our side.",
  },
  /** What can be wrong with one value, behind the name of its field. */
  problems: {
    blank: "can't be blank",
    taken: "has already been taken",
    invalid: "is invalid",
    not_an_email: "is not an email",
    mismatch: "doesn't match Password",
    too_common: "is too common to be safe",
    breached: "is known from a data breach",
    invalid_values: "Some values are not acceptable",
    too_short: "is too short (minimum is {count} characters)",
    too_long: "is too long (maximum is {count} characters)",
  },
  /** What the server confirms. */
  messages: {
    confirmation_sent:
      "An email has been sent to '{email}' containing instructions for confirming your account.",
    reset_sent: "An email has been sent to '{email}' containing instructions for resetting your password.",
    unlock_sent: "An email has been sent to '{email}' containing instructions for unlocking your account.",
    password_updated: "Your password has been successfully updated.",
    account_deleted: "Account with UID '{uid}' has been destroyed.",
  },
  /** Small pages for links that lead nowhere else. */
  pages: {
    confirmed: {
      title: "Address confirmed",
      text: "Your e-mail address is confirmed. You can close this page and sign in.",
    },
    unlocked: {
      title: "Account unlocked",
      text: "Your account is unlocked. You can close this page and sign in.",
    },
    link_unusable: {
      title: "This link does not work",
      text: "It may be too old, or another one may have been used. Ask for another from the app.",
    },
  },
  /** The page on which a sign-in with a provider ends. */
  omniauth: {
    done: "You are signed in.",
    failed: "The sign-in did not work",
    continue: "Continue",
    code: "Code",
    developer: "Sign in as anybody",
    developer_note: "This page is for development. It believes what you write.",
    name: "Name",
    email: "Email",
    sign_in: "Sign in",
  },
  /** What all mails share. `{app}` is the app's name, `{to}` the address that the mail goes to. */
  mail: {
    button_help: "If the button does not work, open this link:",
    sent_to: "{app} sent this mail to {to}.",
    valid_for: "The link is valid for {duration}.",
    not_you: "If it was not you",
  },
  /** The words of each mail, by its name. */
  mails: {
    confirmation_instructions: {
      subject: "Confirmation instructions",
      preheader: "One step is left before you can sign in to {app}.",
      heading: "Confirm your email address",
      text: "Welcome to {app}! You can sign in as {to} as soon as you have confirmed that this address is yours.",
      button: "Confirm my account",
      note: "If you did not sign up, somebody may have mistyped their address: you can ignore this mail.",
    },
    reset_password_instructions: {
      subject: "Reset password instructions",
      preheader: "Use the link in this mail to choose a new password for {app}.",
      heading: "Choose a new password",
      text: "Somebody asked for a new password for the {app} account {to}. If it was you, choose one here.",
      button: "Change my password",
      note: "If it was not you, you can ignore this mail: your password stays as it is.",
    },
    unlock_instructions: {
      subject: "Unlock instructions",
      preheader: "Your {app} account is locked. The link in this mail unlocks it.",
      heading: "Unlock your account",
      text: "There were too many wrong passwords for the {app} account {to}, so nobody can sign in to it for the time being. Devices that are signed in are not affected. Open this link to unlock the account at once.",
      button: "Unlock my account",
      note: "If it was not you, somebody may be trying passwords. The account stays safe as long as its password is hard to guess; you can choose a new one on the sign-in page.",
    },
    email_change_instructions: {
      subject: "Email change instructions",
      preheader: "Your {app} account changes its address once you confirm this one.",
      heading: "Confirm your new email address",
      text: "Somebody asked to use {to} as the new address of an account at {app}. If it was you, confirm that the address is yours. The account keeps its present address until then.",
      button: "Confirm my new address",
      note: "If it was not you, you can ignore this mail: nothing will change.",
    },
    email_change_notice: {
      subject: "Email change requested",
      preheader: "Somebody asked to change the address of your {app} account.",
      heading: "Your email address is about to change",
      text: "Somebody asked to change the address of your {app} account from {to} to {new_email}. The change is made when the link we have sent to the new address is opened. If it was you, there is nothing to do here.",
      note: "Somebody else may be using your account. Change your password now, while the account still has this address. If you cannot sign in, ask for a new password on the sign-in page.",
    },
    email_changed_notice: {
      subject: "Email changed",
      preheader: "The address of your {app} account was changed.",
      heading: "Your email address was changed",
      text: "The address of your {app} account was changed from {to} to {new_email}. From now on, sign in with the new address. If it was you, there is nothing to do.",
      note: "Somebody else may have taken over your account. Tell the people who run {app} at once: this address can no longer be used to set a new password.",
    },
    password_changed_notice: {
      subject: "Password changed",
      preheader: "The password of your {app} account was changed.",
      heading: "Your password was changed",
      text: "The password of the {app} account {to} was changed. If it was you, there is nothing to do.",
      note: "Ask for a new password on the sign-in page straight away. If your mailbox has the same password, change that one too.",
    },
  },
} as const;
