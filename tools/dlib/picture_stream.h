// Pictures with numbers on standard input, as picture-stream.ts writes them.
#pragma once
#include <cstdint>
#include <iostream>
#include <vector>

#include <dlib/array2d.h>
#include <dlib/pixel.h>

struct Picture {
  bool coloured = false;
  dlib::array2d<unsigned char> grey;
  dlib::array2d<dlib::rgb_pixel> colour;
  std::vector<float> numbers;
};

// Rows of either picture type are packed bytes.
template <typename Image>
bool read_pixels(std::istream& in, Image& image, long width, long height) {
  image.set_size(height, width);
  const auto bytes = static_cast<std::streamsize>(sizeof(image[0][0])) * width;
  for (long row = 0; row < height; ++row) {
    if (!in.read(reinterpret_cast<char*>(&image[row][0]), bytes)) return false;
  }
  return true;
}

inline bool read_picture(std::istream& in, Picture& picture) {
  int32_t head[5];
  if (!in.read(reinterpret_cast<char*>(head), sizeof head)) return false;
  const int32_t width = head[0], height = head[1];
  picture.coloured = head[2] == 3;
  picture.numbers.resize(head[3]);
  in.read(reinterpret_cast<char*>(picture.numbers.data()), 4 * picture.numbers.size());
  return picture.coloured ? read_pixels(in, picture.colour, width, height)
                          : read_pixels(in, picture.grey, width, height);
}
