"""Operations that a run can only see refused, with the reason; tests of the crates judge what they answer else."""

REASONS = {
    "it needs what only a letter tells": (
        "GET /api/v1/entry/invitations/{token}", "POST /api/v1/entry/join", "POST /api/v1/entry/link",
        "POST /api/v1/entry/reset", "POST /api/v1/entry/email", "POST /api/v1/user/join",
    ),
    "it needs a code of an authenticator": (
        "POST /api/v1/entry/second-step", "POST /api/v1/user/second-step/confirm", "DELETE /api/v1/user/second-step",
    ),
    "it needs the password of whoever is signed in": ("POST /api/v1/user/second-step", "POST /api/v1/user/email"),
    "two companies share the demo, and a backup holds both": (
        "GET /api/v1/backups", "POST /api/v1/backups", "GET /api/v1/backups/{name}/file",
        "GET /api/v1/backups/schedule", "PUT /api/v1/backups/schedule",
    ),
    "it needs a bot's token that the messenger knows": ("POST /api/v1/channels/check-token",),
    "bytes thought up are no picture": (
        "POST /api/v1/pictures", "GET /api/v1/pictures/{id}", "GET /api/v1/promotions/{id}/receipts/{rid}/picture",
    ),
    "it needs the code that a customer was sent": ("POST /api/v1/codes/{id}/redeem",),
    "it needs the number or the code of a card": ("POST /api/v1/cards/resolve",),
    "in the demo everything was handled, and every message arrived": (
        "POST /api/v1/events/repeat", "POST /api/v1/messages/{id}/repeat", "POST /api/v1/broadcasts/{id}/repeat-failed",
    ),
    "over so few customers a run ends before anything can be asked of it": (
        "POST /api/v1/accruals/{id}/cancel", "POST /api/v1/accruals/{id}/pause", "POST /api/v1/accruals/{id}/resume",
        "POST /api/v1/broadcasts/{id}/pause", "POST /api/v1/broadcasts/{id}/resume", "POST /api/v1/broadcasts/{id}/stop",
        "POST /api/v1/contact-runs/{id}/cancel",
    ),
}
