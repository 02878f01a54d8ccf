"""A stand-in for a model server, on this machine only: prediction_service.py MODEL.

Answers `Predict` and `GetModelMetadata` over gRPC and `:predict` over REST with what the C library
makes of the requests. It watches no versions and batches nothing, which TensorFlow Serving does.
Prints its two ports, gRPC first, and serves until its input ends.
"""

import base64
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import c_api
import grpc
import numpy as np
from tensor_messages import message_of, value_of
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2, prediction_service_pb2_grpc

NAME = "stylizer"
CALLERS = 8
LIMITS = [
    ("grpc.max_send_message_length", 2**28),
    ("grpc.max_receive_message_length", 2**28),
]
CODES = {code.value[0]: code for code in grpc.StatusCode}  # the same numbers as TF_Code


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """What gRPC calls; method names are those of the service."""

    def __init__(self, model: c_api.Model) -> None:
        self.model = model

    def Predict(self, request, context):  # noqa: N802
        name = request.model_spec.signature_name or "serving_default"
        if request.model_spec.name != NAME:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no model {request.model_spec.name!r}")
        try:
            inputs = {key: value_of(message) for key, message in request.inputs.items()}
            outputs = self.model.run(name, inputs)
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except c_api.LibraryError as error:
            context.abort(CODES[error.code], str(error))
        answer = predict_pb2.PredictResponse(model_spec=request.model_spec)
        for key, value in outputs.items():
            answer.outputs[key].CopyFrom(message_of(value))
        return answer

    def GetModelMetadata(self, request, context):  # noqa: N802
        if request.model_spec.name != NAME:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no model {request.model_spec.name!r}")
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in self.model.signatures.items():
            signatures.signature_def[name].CopyFrom(signature)
        answer = get_model_metadata_pb2.GetModelMetadataResponse(model_spec=request.model_spec)
        answer.model_spec.version.value = 1
        answer.metadata["signature_def"].Pack(signatures)
        return answer


class PredictionPage(BaseHTTPRequestHandler):
    """`POST /v1/models/NAME:predict` in rows, for signatures that take and give one tensor.

    Source: https://www.tensorflow.org/tfx/serving/api_rest
    """

    model: c_api.Model

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path != f"/v1/models/{NAME}:predict":
                raise ValueError(f"Malformed request: POST {self.path}")
            answer, status = {"predictions": self.predictions(json.loads(body))}, 200
        except (ValueError, KeyError, c_api.LibraryError) as error:
            answer, status = {"error": str(error)}, 400
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def predictions(self, question: dict) -> list:
        name = question.get("signature_name", "serving_default")
        (key,) = self.model.signatures[name].inputs
        if key.endswith("_bytes"):
            values = [base64.b64decode(row[key]["b64"]) for row in question["instances"]]
        else:
            tensor = self.model.signatures[name].inputs[key]
            values = np.array(question["instances"], c_api.NUMPY_TYPES[tensor.dtype])
        (output,) = self.model.run(name, {key: values}).values()
        if isinstance(output, list):
            return [{"b64": base64.b64encode(row).decode()} for row in output]
        return output.tolist()

    def log_message(self, *_: object) -> None:
        """Says nothing on the console."""


def main(folder: str) -> None:
    model = c_api.Model(folder)
    calls = grpc.server(ThreadPoolExecutor(CALLERS), options=LIMITS)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(model), calls
    )
    grpc_port = calls.add_insecure_port("127.0.0.1:0")
    calls.start()
    PredictionPage.model = model
    pages = ThreadingHTTPServer(("127.0.0.1", 0), PredictionPage)
    Thread(target=pages.serve_forever, daemon=True).start()
    print(grpc_port, pages.server_port, flush=True)
    sys.stdin.read()
    calls.stop(grace=None).wait()
    pages.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
