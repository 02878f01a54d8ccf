"""Asks a server by OpenVINO Model Server's client, which brings its own messages.

It knows no signatures, so the server takes `serving_default`.
"""

import ovmsclient

PATIENCE = 300.0  # seconds


def connect(address: str):
    """What asks the server at `host:port`: a signature's name and inputs to its outputs."""
    client = ovmsclient.make_grpc_client(address)

    def run(name, inputs):
        description = client.get_model_metadata("stylizer", timeout=PATIENCE)
        if name == "metadata":
            return description
        assert name == "serving_default"
        (output,) = description["outputs"]
        return {output: client.predict(inputs, "stylizer", timeout=PATIENCE)}

    return run
