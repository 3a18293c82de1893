package org.tensorflow.lite;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Map;

/** A stub of LiteRT's class that forwards calls through standard output and input to the test, which runs LiteRT. */
public final class Interpreter implements AutoCloseable {
  private final DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16));
  private final DataInputStream in = new DataInputStream(System.in);

  public static final class Options {
    public Options setNumThreads(int count) {
      return this;
    }
  }

  public Interpreter(ByteBuffer model, Options options) {}

  public void runSignature(Map<String, Object> inputs, Map<String, Object> outputs, String signature) {
    try {
      out.writeUTF(signature);
      out.writeInt(inputs.size());
      for (Map.Entry<String, Object> input : inputs.entrySet()) {
        out.writeUTF(input.getKey());
        write((Buffer) input.getValue());
      }
      out.writeInt(outputs.size());
      for (String name : outputs.keySet()) out.writeUTF(name);
      out.flush();
      for (Object output : outputs.values()) {
        byte[] content = new byte[in.readInt()];
        in.readFully(content);
        ((FloatBuffer) output).put(ByteBuffer.wrap(content).asFloatBuffer());
      }
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private void write(Buffer source) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(4 * source.capacity()); // LiteRT requires the capacity of the tensor
    if (source instanceof FloatBuffer) content.asFloatBuffer().put((FloatBuffer) source);
    else content.asIntBuffer().put((IntBuffer) source);
    out.writeInt(content.capacity());
    out.write(content.array());
  }

  @Override
  public void close() {}
}
