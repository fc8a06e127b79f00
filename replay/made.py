from replay.server import World


def made_world(**k: object) -> World:
    return World({})


def feeds_world(**k: object) -> World:
    return World({})
