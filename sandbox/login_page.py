"""The page Slack shows, with status 200, to whoever may not download a file."""

LOGIN_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in | Sandbox</title></head>
<body>
<h1>Sign in to Sandbox</h1>
<p>This file belongs to a workspace. Sign in to see it.</p>
<form action="/signin" method="post">
<label>Email <input type="email" name="email"></label> <button>Continue</button>
</form>
</body>
</html>
"""

GONE_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Not found | Sandbox</title></head>
<body><h1>This file was deleted</h1></body></html>
"""
