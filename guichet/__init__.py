"""An academy's own door, its OTP keys and its helpdesk."""
