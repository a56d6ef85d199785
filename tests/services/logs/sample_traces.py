"""Stack traces as the languages print them."""

# Language: (lines, what the head, the root and the own frame hold).
TRACES = {
    "Java": (
        """2026-11-22 07:00:00 ERROR org.x.Api - request failed
org.x.ApiException: cannot serve
\tat org.springframework.web.Filter.run(Filter.java:9)
\tat org.x.Api.serve(Api.java:40)
\tSuppressed: java.io.IOException: closed twice
\t\tat org.x.Closer.close(Closer.java:3)
Caused by: org.x.PoolException: no connection
\tat org.x.Pool.get(Pool.java:12)
\t... 12 more
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.connect(Net.java:579)
\tat java.net.Socket.connect(Socket.java:12)
\tat org.x.Db.open(Db.java:77)
\t... 14 more""",
        ("cannot serve", "Connection refused", "Db.java:77"),
    ),
    "Python": (
        """Traceback (most recent call last):
  File "/app/pool.py", line 3, in get
    return connect(host)
  File "/usr/lib/python3.11/socket.py", line 851, in create
    raise error
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/api.py", line 40, in serve
    pool.get()
app.errors.ApiError: cannot serve""",
        ("Traceback", "Errno 111", "/app/pool.py"),
    ),
    "Go": (
        """panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
runtime.panicIndex(...)
\t/usr/local/go/src/runtime/panic.go:88 +0x1d
main.pick(...)
\t/srv/app/main.go:12
main.main()
\t/srv/app/main.go:8 +0x1d""",
        ("index out of range", "index out of range", "main.go:12"),
    ),
    "Node": (
        """Error: cannot serve
    at node:internal/process/task_queues:95:5
    at serve (/srv/app/api.js:40:11)
    at Layer.handle (/srv/app/node_modules/express/lib/layer.js:95:5) {
  [cause]: Error: connect ECONNREFUSED 10.0.0.1:5432
      at TCPConnectWrap.afterConnect (node:net:1187:16)
      at open (/srv/app/db.js:7:3)""",
        ("cannot serve", "ECONNREFUSED", "db.js:7"),
    ),
    ".NET": (
        """System.InvalidOperationException: cannot serve
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at System.Net.Sockets.Socket.Connect(EndPoint end)
   at Shop.Db.Open() in /src/Db.cs:line 77
   --- End of inner exception stack trace ---
   at Shop.Api.Serve() in /src/Api.cs:line 40""",
        ("cannot serve", "Connection refused", "Db.cs"),
    ),
    "Ruby": (
        """/usr/lib/ruby/gems/3.2/gems/pg/connection.rb:12:in `connect': refused (PG::ConnectionError)
\tfrom /usr/lib/ruby/gems/3.2/gems/pg/pool.rb:3:in `get'
\tfrom /srv/app/models/order.rb:40:in `save'""",
        ("PG::ConnectionError", "PG::ConnectionError", "order.rb:40"),
    ),
    "Rails": (
        """ActiveRecord::ConnectionNotEstablished::Error (refused):
/usr/lib/ruby/gems/3.2/gems/pg/connection.rb:12:in `connect'
app/models/order.rb:40:in `save'""",
        ("refused", "refused", "order.rb:40"),
    ),
    "PHP": (
        """PHP Fatal error:  Uncaught PDOException: refused in /srv/vendor/db/Pool.php:3
Stack trace:
#0 /srv/vendor/db/Pool.php(12): connect()
#1 /srv/app/Order.php(40): save()
  thrown in /srv/vendor/db/Pool.php on line 3""",
        ("PDOException", "PDOException", "Order.php"),
    ),
    "Rust": (
        """thread 'main' panicked at src/main.rs:2:5:
index out of bounds
stack backtrace:
   0: rust_begin_unwind
   1: core::panicking::panic_fmt
   2: shop::pick
   3: std::rt::lang_start""",
        ("panicked", "panicked", "shop::pick"),
    ),
}
