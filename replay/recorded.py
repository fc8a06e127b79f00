from replay.server import World


def recorded_world(folder: object) -> World:
    return World({})
