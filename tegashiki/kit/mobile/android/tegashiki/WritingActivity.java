package tegashiki;

import android.app.Activity;
import android.content.Context;
import android.content.res.AssetFileDescriptor;
import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Paint;
import android.graphics.Path;
import android.os.Bundle;
import android.view.MotionEvent;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tensorflow.lite.Interpreter;

/**
 * A canvas that shows candidates while the user writes. The kit's model.tflite and its three .json files must be in the
 * app's assets.
 *
 * <p>The UI thread handles the pen and edits the session, which is fast. The reader thread runs the model.
 */
public final class WritingActivity extends Activity {
  private static final int CANDIDATES = 5;

  private final ExecutorService reader = Executors.newSingleThreadExecutor();
  private final AtomicBoolean asked = new AtomicBoolean(); // whether a reading is queued
  private final List<double[][]> early = new ArrayList<>(); // strokes written before the model is open
  private Interpreter interpreter; // used only by the reader thread
  private Session session; // null until the model is open
  private TextView candidates;
  private WritingView writing;

  @Override
  protected void onCreate(Bundle saved) {
    super.onCreate(saved);
    candidates = new TextView(this);
    candidates.setMinLines(CANDIDATES);
    candidates.setTextSize(18);
    writing = new WritingView(this);
    LinearLayout page = new LinearLayout(this);
    page.setOrientation(LinearLayout.VERTICAL);
    page.addView(candidates);
    page.addView(writing, new LinearLayout.LayoutParams(LinearLayout.LayoutParams.MATCH_PARENT, 0, 1));
    page.addView(button("Undo", () -> edit(session::undo)));
    page.addView(button("Clear", () -> edit(session::clear)));
    page.addView(button("Done", () -> reader.execute(this::commit)));
    setContentView(page);
    reader.execute(this::open);
  }

  @Override
  protected void onDestroy() {
    super.onDestroy();
    if (session != null) session.clear(); // stops the reading in progress
    reader.execute(() -> {
      if (interpreter != null) interpreter.close();
    });
    reader.shutdown();
  }

  private Button button(String text, Runnable action) {
    Button button = new Button(this);
    button.setText(text);
    button.setOnClickListener(view -> {
      if (session != null) action.run();
    });
    return button;
  }

  /** Changes the ink and reads it. If the session rejects the change, shows the reason and returns false. */
  private boolean edit(Runnable change) {
    try {
      change.run();
    } catch (IllegalArgumentException error) { // for example too many strokes
      candidates.setText(error.getMessage());
      return false;
    }
    writing.invalidate();
    read();
    return true;
  }

  /** Queues a reading of the current strokes, unless one is queued already. */
  private void read() {
    if (asked.getAndSet(true)) return;
    Session written = session;
    reader.execute(() -> {
      asked.set(false);
      try {
        written.stream(CANDIDATES, found -> show(text(found)));
      } catch (IllegalArgumentException | NoReadingException error) {
        show(error.getMessage());
      }
    });
  }

  /** Commits the expression. An app would insert it at the cursor. Later strokes belong to the next expression. */
  private void commit() {
    try {
      show("Done: " + session.commit().latex);
    } catch (IllegalArgumentException | NoReadingException error) { // the expression is restored
      show(error.getMessage());
    }
    runOnUiThread(writing::invalidate);
  }

  private static String text(Session.Candidates found) {
    StringBuilder text = new StringBuilder();
    for (Recognizer.Candidate candidate : found.readings) {
      text.append(String.format(Locale.ROOT, "%s  (%.2f)%n", candidate.latex, candidate.probability));
    }
    return text.toString();
  }

  private void show(String text) {
    runOnUiThread(() -> candidates.setText(text));
  }

  private void open() {
    try {
      Map<String, Object> about = json("model.json");
      interpreter = new Interpreter(model(), new Interpreter.Options().setNumThreads(1));
      LiteRTModel model = new LiteRTModel(interpreter, about);
      Recognizer recognizer = new Recognizer(about, json("vocabulary.json"), json("grammar.json"), model);
      if (model.hidden() != null) remember(recognizer);
      runOnUiThread(() -> {
        session = new Session(recognizer);
        edit(() -> session.addStrokes(early));
      });
    } catch (IOException | RuntimeException error) {
      show("The model cannot be opened: " + error.getMessage());
    }
  }

  /** Opens the writer's memory, which {@link Session#commit} teaches. Reading goes on without a damaged one. */
  private void remember(Recognizer recognizer) {
    try {
      recognizer.remember(WriterMemory.open(new File(getNoBackupFilesDir(), "memory.json"), recognizer));
    } catch (IOException error) {
      show(error.getMessage());
    }
  }

  private Map<String, Object> json(String name) throws IOException {
    try (InputStream asset = getAssets().open(name)) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      byte[] part = new byte[1 << 16];
      for (int count = asset.read(part); count >= 0; count = asset.read(part)) content.write(part, 0, count);
      return Json.map(Json.parse(content.toString("UTF-8")));
    }
  }

  private MappedByteBuffer model() throws IOException {
    try (AssetFileDescriptor asset = getAssets().openFd("model.tflite");
        FileInputStream file = new FileInputStream(asset.getFileDescriptor())) {
      return file.getChannel().map(FileChannel.MapMode.READ_ONLY, asset.getStartOffset(), asset.getDeclaredLength());
    }
  }

  /** The canvas. */
  private final class WritingView extends View {
    private final Path path = new Path();
    private final Paint pen = new Paint(Paint.ANTI_ALIAS_FLAG);
    private boolean down; // whether the pen is down and its stroke was not rejected

    WritingView(Context context) {
      super(context);
      pen.setColor(Color.BLACK);
      pen.setStyle(Paint.Style.STROKE);
      pen.setStrokeWidth(5);
      pen.setStrokeCap(Paint.Cap.ROUND);
      setBackgroundColor(Color.WHITE);
    }

    @Override
    protected void onDraw(Canvas canvas) {
      path.reset();
      for (double[][] stroke : session == null ? early : session.strokes()) {
        path.moveTo((float) stroke[0][0], (float) stroke[0][1]);
        for (double[] point : stroke) path.lineTo((float) point[0], (float) point[1]); // also makes dots visible
      }
      canvas.drawPath(path, pen);
    }

    @Override
    public boolean onTouchEvent(MotionEvent event) {
      switch (event.getActionMasked()) {
        case MotionEvent.ACTION_DOWN:
          down = begin(points(event));
          break;
        case MotionEvent.ACTION_MOVE:
          if (down) extend(points(event));
          break;
        case MotionEvent.ACTION_UP:
          if (down) extend(points(event));
          if (down && session != null) edit(session::applyGesture); // a zigzag strikes ink out
          break;
        case MotionEvent.ACTION_CANCEL: // a palm or a gesture
          if (down) cancel();
          break;
        default:
          return false;
      }
      invalidate();
      return true;
    }

    private boolean begin(double[][] points) {
      return session == null ? early.add(points) : edit(() -> session.addStroke(points));
    }

    private void extend(double[][] points) {
      if (session != null) {
        edit(() -> session.extendStroke(points));
        return;
      }
      List<double[]> all = new ArrayList<>(Arrays.asList(early.remove(early.size() - 1)));
      all.addAll(Arrays.asList(points));
      early.add(all.toArray(new double[0][]));
    }

    private void cancel() {
      down = false;
      if (session != null) edit(session::undo);
      else early.remove(early.size() - 1);
    }

    private double[][] points(MotionEvent event) {
      double[][] points = new double[event.getHistorySize() + 1][];
      for (int i = 0; i < points.length - 1; i++) {
        points[i] = new double[] {event.getHistoricalX(i), event.getHistoricalY(i)};
      }
      points[points.length - 1] = new double[] {event.getX(), event.getY()};
      return points;
    }
  }
}
