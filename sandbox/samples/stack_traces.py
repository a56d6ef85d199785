"""The stack traces of the shop's application, as its logging prints them."""

_SPRING = "org.springframework"
_END_OF_INPUT = "Unexpected end-of-input: expected close marker for Object"
_TRANSACTION = (
    "\tat org.springframework.orm.jpa.JpaTransactionManager.doBegin(JpaTransactionManager.java:466)",
    "\tat org.springframework.transaction.interceptor.TransactionInterceptor.invoke(TransactionInterceptor.java:119)",
)
_HIKARI = (
    "\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:709)",
    "\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:188)",
    "\tat com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:100)",
    "\tat org.hibernate.resource.jdbc.internal.LogicalConnectionManagedImpl.getPhysicalConnection(Unknown Source)",
)
_CONTROLLERS = {
    "/items": "com.example.shop.cart.CartController.add(CartController.java:57)",
    "/api/cart": "com.example.shop.cart.CartController.show(CartController.java:41)",
    "/api/orders": "com.example.shop.order.OrderController.show(OrderController.java:63)",
    "/api/checkout": "com.example.shop.order.OrderController.checkout(OrderController.java:88)",
    "/api/payments": "com.example.shop.payment.WebhookController.receive(WebhookController.java:52)",
}


def no_connection(path: str, waited_ms: int, pool: str) -> list[str]:
    """A request waited in vain for a connection of the pool."""
    frame = next(frame for part, frame in _CONTROLLERS.items() if part in path)
    return [
        f"{_SPRING}.transaction.CannotCreateTransactionException: Could not open JPA EntityManager for transaction",
        *_TRANSACTION,
        f"\tat {frame}",
        "\t... 61 common frames omitted",
        f"Caused by: java.sql.SQLTransientConnectionException: {timed_out(waited_ms, pool)}",
        *_HIKARI,
        "\t... 74 common frames omitted",
    ]


def timed_out(waited_ms: int, pool: str) -> str:
    return f"HikariPool-1 - Connection is not available, request timed out after {waited_ms}ms {pool}"


def failed_health_check(reason: str) -> list[str]:
    """The health check waited in vain for a connection."""
    return [
        f"{_SPRING}.jdbc.CannotGetJdbcConnectionException: Failed to obtain JDBC Connection",
        f"\tat {_SPRING}.jdbc.datasource.DataSourceUtils.getConnection(DataSourceUtils.java:84)",
        "\t... 47 common frames omitted",
        f"Caused by: java.sql.SQLTransientConnectionException: {reason}",
    ]


def pool_did_not_start(reason: str) -> list[str]:
    """The application starts, and the database refuses the pool's first connection."""
    return [
        f"org.postgresql.util.PSQLException: FATAL: {reason}",
        "\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2734)",
        "\tat org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:268)",
        "\tat org.postgresql.jdbc.PgConnection.<init>(PgConnection.java:289)",
        "\tat org.postgresql.Driver.connect(Driver.java:299)",
        "\tat com.zaxxer.hikari.pool.PoolBase.newConnection(PoolBase.java:360)",
        "\tat com.zaxxer.hikari.pool.HikariPool.checkFailFast(HikariPool.java:561)",
        "\tat com.example.shop.CheckoutApplication.main(CheckoutApplication.java:14)",
    ]


def unreadable_request() -> list[str]:
    """Somebody sends broken JSON, today as on any day."""
    return [
        f"{_SPRING}.http.converter.HttpMessageNotReadableException: JSON parse error: {_END_OF_INPUT}",
        f"\tat {_SPRING}.http.converter.json.AbstractJackson2HttpMessageConverter.readJavaType(Unknown Source)",
        "\tat com.example.shop.cart.CartController.add(CartController.java:57)",
        f"Caused by: com.fasterxml.jackson.core.io.JsonEOFException: {_END_OF_INPUT}",
        "\tat com.fasterxml.jackson.core.base.ParserMinimalBase._reportInvalidEOF(ParserMinimalBase.java:641)",
        "\t... 52 common frames omitted",
    ]
