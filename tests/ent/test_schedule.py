"""What is done regularly, and how often: nothing else tells that a task has left the schedule."""

from ent.celery import app

SECONDS = {
    "accounts.copy_states": 60,
    "accounts.end_blocks": 300,
    "accounts.end_dead_sessions": 60,
    "accounts.purge": 900,
    "credentials.answer_late": 300,
    "credentials.clear_mailing_addresses": 86_400,
    "credentials.deliver": 20,
    "credentials.forget_openings": 86_400,
    "credentials.purge_links": 3600,
    "directory.end_class_teachers": 3600,
    "directory.look_for_leavers": 3600,
    "directory.sheets.purge": 3600,
    "directory.sweep_imports": 900,
    "ent.audit.keep_months": 6 * 3600,
    "ent.audit.mail_heads": 86_400,
    "ent.audit.seal": 60,
    "ent.audit.verify": 86_400,
    "ent.files.delete_expired": 900,
    "ent.jobs.sweep": 20,
    "messaging.announce_late": 300,
    "messaging.purge": 900,
    "messaging.send_daily_reminders": 900,
    "pronote_bridge.erase_dry_run_lines": 900,
    "pronote_bridge.forget_old_counts": 3600,
    "signin.purge": 900,
    "signin.watch_sign_ins": 60,
    "sso.forget_old_usage": 86_400,
    "sso.purge_tickets": 3600,
    "sso.send_logouts": 10,
}


def test_the_schedule_is_this_one_and_each_of_its_tasks_exists() -> None:
    app.loader.import_default_modules()
    schedule = app.conf.beat_schedule
    assert {name: one["schedule"] for name, one in schedule.items()} == SECONDS
    assert {one["task"] for one in schedule.values()} <= set(app.tasks)
