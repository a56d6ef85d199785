from services.diagnosis.requests_told import OTHER_ROUTES, Request, requests_told


def test_status_and_route_are_read_from_what_skeletons_keep(scanned):
    lines = ['10.0.0.7 "GET /api/orders/17?full=1 HTTP/1.1" 503 312', "served POST /cart status=200", "no request"]
    told = requests_told(scanned(lines).shapes)
    assert told == [Request(503, "/api/orders"), Request(200, "/cart"), None]


def test_paths_that_clients_make_up_are_one_route(scanned):
    letters = "abcdefghijklmnopqrstuvwxyz"
    lines = [f'"GET /{one}{other} HTTP/1.1" 404 12' for one in letters for other in letters]
    routes = {request.route for request in requests_told(scanned([*lines, *lines[:1]]).shapes)}
    assert len(routes) == 41
    assert OTHER_ROUTES in routes
